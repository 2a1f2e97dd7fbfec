using System.Reflection;
using System.Text.RegularExpressions;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime.Cuda;
using TaaS.Kernels.Gpu;

namespace TaaS.Kernels.Tests.Gpu;

/// <summary>A kernel compiled to PTX, with what can be read from the text.</summary>
internal sealed partial record Ptx(int Architecture, string Text)
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<MethodInfo, IReadOnlyList<Ptx>> Compiled = [];
    private static readonly Lazy<(Context Context, PTXBackend[] Backends)> Compiler = new(() =>
    {
        var context = Context.Create(builder => GpuDevice.Configure(builder));
        return (context,
        [
            new PTXBackend(context, new CudaArchitecture(8, 0), new CudaInstructionSet(8, 0), null!),
            new PTXBackend(context, new CudaArchitecture(9, 0), new CudaInstructionSet(8, 0), null!),
        ]);
    });

    /// <summary>Loads of four 32-bit values with one instruction.</summary>
    public int VectorLoads => VectorLoad().Count(Text);

    /// <summary>Stores of four 32-bit values with one instruction.</summary>
    public int VectorStores => VectorStore().Count(Text);

    /// <summary>Whether anything lives in a thread's slow local memory instead of registers.</summary>
    public bool UsesLocalMemory => LocalMemory().IsMatch(Text);

    /// <summary>Functions that are called and defined nowhere.</summary>
    public IReadOnlyList<string> UndefinedCalls => [.. Call().Matches(Text)
        .Select(match => match.Groups["name"].Value)
        .Where(name => !Regex.IsMatch(Text, $@"\.func[^;{{]*\b{Regex.Escape(name)}\b"))
        .Distinct()];

    /// <summary>An explicitly grouped kernel, compiled for each architecture once.</summary>
    public static IReadOnlyList<Ptx> Compile(MethodInfo kernel)
    {
        lock (Gate)
        {
            if (!Compiled.TryGetValue(kernel, out var results))
            {
                Compiled[kernel] = results = [.. Compiler.Value.Backends.Select(backend => Compile(kernel, backend))];
            }

            return results;
        }
    }

    /// <summary>Name with type arguments.</summary>
    public static string Describe(MethodInfo kernel) =>
        $"{kernel.DeclaringType!.Name}.{kernel.Name}{(kernel.IsGenericMethod ? $"<{string.Join(", ", kernel.GetGenericArguments().Select(type => type.Name))}>" : "")}";

    private static Ptx Compile(MethodInfo kernel, PTXBackend backend)
    {
        var compiled = (PTXCompiledKernel)KernelLoader.Compile(backend, EntryPointDescription.FromExplicitlyGroupedKernel(kernel), default);
        return new Ptx(backend.Architecture.Major * 10 + backend.Architecture.Minor, compiled.PTXAssembly);
    }

    [GeneratedRegex(@"\bld(\.global|\.volatile)*\.v4\.(f32|b32|u32|s32)")]
    private static partial Regex VectorLoad();

    [GeneratedRegex(@"\bst(\.global|\.volatile)*\.v4\.(f32|b32|u32|s32)")]
    private static partial Regex VectorStore();

    [GeneratedRegex(@"(^\s*\.local\b|\b(ld|st)\.local\b)", RegexOptions.Multiline)]
    private static partial Regex LocalMemory();

    [GeneratedRegex(@"\bcall(\.uni)?\s+(\([^)]*\),\s*)?(?<name>[A-Za-z_][A-Za-z0-9_$]*)")]
    private static partial Regex Call();
}
