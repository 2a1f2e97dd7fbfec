using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;

namespace TaaS.Kernels.Gpu;

/// <summary>From a kernel's method to the delegate that launches it.</summary>
internal static partial class KernelLoader
{
    /// <summary>Compiles the kernel unless that was done before.</summary>
    /// <param name="device">Where it is to run.</param>
    /// <param name="launch">Takes a stream, the size of the launch, and the kernel's own parameters.</param>
    /// <param name="kernel">A static method.</param>
    internal static void Load<TLaunch>(this GpuDevice device, [NotNull] ref TLaunch? launch, Delegate kernel)
        where TLaunch : Delegate => launch ??= device.Load<TLaunch>(kernel);

    /// <inheritdoc cref="Load{TLaunch}(GpuDevice, ref TLaunch, Delegate)"/>
    internal static TLaunch Load<TLaunch>(this GpuDevice device, Delegate kernel, KernelSpecialization specialization = default)
        where TLaunch : Delegate
    {
        var compiled = Compile(device.Accelerator.GetBackend(), EntryPointDescription.FromExplicitlyGroupedKernel(kernel.Method), specialization);
        return device.Accelerator.LoadKernel(compiled).CreateLauncherDelegate<TLaunch>();
    }

    /// <summary>
    /// What a backend makes of a kernel. ILGPU 1.5.3 takes a value that was chosen among constants for the same in all threads, whatever it was chosen by,
    /// and writes <c>.uni</c> at branches on it, which promises the assembler that no warp parts there. Only unconditional branches keep that word here.
    /// </summary>
    internal static CompiledKernel Compile(Backend backend, EntryPointDescription entry, KernelSpecialization specialization)
    {
        var compiled = backend.Compile(entry, specialization);
        if (compiled is PTXCompiledKernel ptx)
        {
            TextOf(ptx) = PromisingBranch().Replace(ptx.PTXAssembly, "${guard}bra");
        }

        return compiled;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<PTXAssembly>k__BackingField")]
    private static extern ref string TextOf(PTXCompiledKernel kernel);

    [GeneratedRegex(@"(?<guard>@!?%p\d+\s+)bra\.uni\b")]
    private static partial Regex PromisingBranch();
}
