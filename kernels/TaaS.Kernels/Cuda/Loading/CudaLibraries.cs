using System.Reflection;
using System.Runtime.InteropServices;

namespace TaaS.Kernels.Cuda;

/// <summary>The CUDA libraries of this machine, each looked for when it is first asked for.</summary>
public sealed class CudaLibraries
{
    /// <summary>Environment variable: folders to search first, separated by ':'.</summary>
    public const string PathVariable = "TAAS_CUDA_PATH";

    private static readonly Lazy<CudaLibraries> LazyInstalled = new(() => new CudaLibraries(new SystemLoader(), Environment.GetEnvironmentVariable(PathVariable)));
    private static readonly Lock ResolverGate = new();
    private static bool _resolverAttached;

    private readonly Lazy<(nint Handle, LibraryReport Report)>[] _libraries;

    internal CudaLibraries(INativeLoader loader, string? folders)
    {
        var list = folders?.Split(':', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        _libraries = [.. LibrarySpecification.All.Select(wanted => new Lazy<(nint, LibraryReport)>(() => new LibrarySearch(loader, wanted, list).Run()))];
    }

    /// <summary>Those of this process.</summary>
    public static CudaLibraries Installed => LazyInstalled.Value;

    /// <summary>Found or not, one report a library.</summary>
    public IReadOnlyList<LibraryReport> Reports => [.. _libraries.Select(library => library.Value.Report)];

    /// <summary>Found or not, and why.</summary>
    public LibraryReport Report(CudaLibrary library) => _libraries[(int)library].Value.Report;

    /// <summary>The library can be used.</summary>
    public bool Has(CudaLibrary library) => Report(library).Found;

    /// <summary>Throws unless the library can be used.</summary>
    /// <exception cref="CudaLibraryException">It is absent; the message says why.</exception>
    public void Require(CudaLibrary library) => Handle(library);

    /// <summary>Makes this assembly's imports resolve to the libraries found, and ILGPU's to the same driver. Each import class calls it before its first import.</summary>
    internal static void AttachResolver()
    {
        lock (ResolverGate)
        {
            if (!_resolverAttached)
            {
                NativeLibrary.SetDllImportResolver(typeof(CudaLibraries).Assembly, Resolve);
                AttachToIlgpu();
                _resolverAttached = true;
            }
        }
    }

    /// <summary>Alone ILGPU asks for libcuda.so, which a machine with a driver and no development files need not have, and knows nothing of <see cref="PathVariable"/>.</summary>
    private static void AttachToIlgpu()
    {
        try
        {
            NativeLibrary.SetDllImportResolver(
                typeof(ILGPU.Runtime.Cuda.CudaAccelerator).Assembly,
                (name, _, _) => name == DriverApi.Name && Installed.Has(CudaLibrary.Driver) ? Installed.Handle(CudaLibrary.Driver) : 0);
        }
        catch (InvalidOperationException)
        {
            // The program that embeds the engine has set one, and an assembly takes no second.
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        foreach (var wanted in LibrarySpecification.All)
        {
            if (wanted.LogicalName == name)
            {
                return Installed.Handle(wanted.Library);
            }
        }

        // Not one of ours: the system's rules apply.
        return 0;
    }

    private nint Handle(CudaLibrary library)
    {
        var (handle, report) = _libraries[(int)library].Value;
        return report.Found ? handle : throw new CudaLibraryException(report);
    }
}
