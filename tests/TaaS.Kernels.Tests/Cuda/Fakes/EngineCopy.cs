using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Runtime.Loader;
using TaaS.Kernels.Cuda;

namespace TaaS.Kernels.Tests.Cuda;

/// <summary>
/// The engine and its tests loaded a second time: imports of a loaded assembly are bound once, so that the first copy,
/// which every other test uses, keeps to the libraries this machine really has.
/// </summary>
internal sealed class EngineCopy : AssemblyLoadContext
{
    private static readonly Lazy<EngineCopy> LazyWithFakes = new(() => new EngineCopy(FakeLibraries.Folder));
    private readonly Assembly _tests;

    private EngineCopy(string libraries)
    {
        // The first copy must have read the variable before it is changed for the second.
        _ = CudaLibraries.Installed;
        _tests = LoadFromAssemblyPath(typeof(EngineCopy).Assembly.Location);
        var before = Environment.GetEnvironmentVariable(CudaLibraries.PathVariable);
        Environment.SetEnvironmentVariable(CudaLibraries.PathVariable, libraries);
        try
        {
            Run(ReadPathVariable);
        }
        finally
        {
            Environment.SetEnvironmentVariable(CudaLibraries.PathVariable, before);
        }
    }

    /// <summary>The copy that finds the stand-in libraries through TAAS_CUDA_PATH.</summary>
    public static EngineCopy WithFakes => LazyWithFakes.Value;

    /// <summary>Runs the same static method in the copy, on a thread of its own, since what a driver calls current is a thread's.</summary>
    public void Run(Action scenario)
    {
        var method = scenario.Method;
        Assert.True(method.IsStatic, $"{method.Name} is not static");
        const BindingFlags anyStatic = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DoNotWrapExceptions;
        var copy = _tests.GetType(method.DeclaringType!.FullName!)!.GetMethod(method.Name, anyStatic)!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                copy.Invoke(null, anyStatic, null, null, null);
            }
            catch (Exception error)
            {
                failure = ExceptionDispatchInfo.Capture(error);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    /// <summary>The engine, and ILGPU, which has imports of its own.</summary>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        Assembly[] bound = [typeof(CudaLibraries).Assembly, typeof(ILGPU.Context).Assembly, typeof(ILGPU.Algorithms.XMath).Assembly];
        return bound.FirstOrDefault(one => one.GetName().Name == assemblyName.Name) is { } found ? LoadFromAssemblyPath(found.Location) : null;
    }

    private static void ReadPathVariable() => Assert.NotNull(CudaLibraries.Installed);
}
