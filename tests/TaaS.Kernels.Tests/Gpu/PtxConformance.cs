using System.Reflection;
using TaaS.Kernels.Gpu;

namespace TaaS.Kernels.Tests.Gpu;

/// <summary>
/// Kernels as the assembler of the device will see them, checked with no device at hand: every one compiles for SM_80 and SM_90 and
/// keeps its values in registers. A family of kernels derives from this, lists its kernels, and asserts the accesses that it claims.
/// </summary>
public abstract class PtxConformance
{
    private const int RegistersOfAMultiprocessor = 65536;

    /// <summary>Every entry point of the family, generic ones once for each kind of type argument that matters.</summary>
    protected abstract IReadOnlyList<MethodInfo> Kernels { get; }

    /// <summary>Entry points that may use local memory, each with a reason that its family states.</summary>
    protected virtual IReadOnlyList<MethodInfo> Spilling => [];

    internal IReadOnlyList<MethodInfo> All => Kernels;

    [Fact]
    public void EveryKernel_CompilesForSm80AndSm90_WithoutLocalMemory()
    {
        foreach (var kernel in Kernels)
        {
            foreach (var ptx in Ptx.Compile(kernel))
            {
                Assert.True(Spilling.Contains(kernel) || !ptx.UsesLocalMemory, $"{Ptx.Describe(kernel)} for sm_{ptx.Architecture} uses local memory:\n{ptx.Text}");
                Assert.True(ptx.UndefinedCalls.Count == 0, $"{Ptx.Describe(kernel)} for sm_{ptx.Architecture} calls {string.Join(", ", ptx.UndefinedCalls)}, which nothing defines: the assembler would refuse it");
            }
        }
    }

    /// <summary>With more registers than that the assembler would spill them into memory, or too few groups would share a multiprocessor.</summary>
    [Fact]
    public void EveryKernel_LeavesRoomForThreadsThatHideTheMemory()
    {
        foreach (var kernel in Kernels)
        {
            foreach (var ptx in Ptx.Compile(kernel))
            {
                var (needed, most) = (PtxRegisters.Peak(ptx), MostRegisters(kernel));
                Assert.True(needed <= most, $"{Ptx.Describe(kernel)} for sm_{ptx.Architecture} needs {needed} registers a thread, {most} leave room for the groups it counts on");
            }
        }
    }

    /// <summary>Registers of a thread where a multiprocessor is to hold that many groups; the assembler gives them in eights.</summary>
    protected static int RegistersFor(int threads, int groups) => RegistersOfAMultiprocessor / (threads * groups) / 8 * 8;

    /// <summary>What a thread may need.</summary>
    protected virtual int MostRegisters(MethodInfo kernel) => RegistersFor(GpuDevice.PreferredGroupSize, groups: 3);

    /// <summary>The one entry point of that name, its type arguments filled in.</summary>
    protected static MethodInfo Kernel(Type family, string name, params Type[] arguments)
    {
        var method = family.GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public) ?? throw new InvalidOperationException($"{family.Name} has no kernel {name}");
        return arguments.Length == 0 ? method : method.MakeGenericMethod(arguments);
    }

    /// <summary>Asserts that the kernel moves at least that many times 16 bytes with one instruction, each way.</summary>
    protected static void AssertVectorAccess(MethodInfo kernel, int loads, int stores)
    {
        foreach (var ptx in Ptx.Compile(kernel))
        {
            Assert.True(ptx.VectorLoads >= loads, $"{Ptx.Describe(kernel)}: {ptx.VectorLoads} 16-byte loads, expected {loads}:\n{ptx.Text}");
            Assert.True(ptx.VectorStores >= stores, $"{Ptx.Describe(kernel)}: {ptx.VectorStores} 16-byte stores, expected {stores}:\n{ptx.Text}");
        }
    }
}

/// <summary>No kernel is left out of the checks above.</summary>
public sealed class PtxCompletenessTests
{
    [Fact]
    public void EveryKernelOfEveryFamily_IsChecked()
    {
        var listed = typeof(PtxConformance).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(PtxConformance)) && !type.IsAbstract)
            .SelectMany(type => ((PtxConformance)Activator.CreateInstance(type)!).All)
            .Select(Definition)
            .ToHashSet();
        var missing = typeof(GpuDevice).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(GpuDevice).Namespace && type.Name.EndsWith("Kernels", StringComparison.Ordinal) && type is { IsAbstract: true, IsSealed: true })
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Where(method => method.ReturnType == typeof(void) && method.IsAssembly && !method.Name.Contains('<', StringComparison.Ordinal))
            .Where(method => !listed.Contains(Definition(method)))
            .Select(Ptx.Describe);
        Assert.Empty(missing);
    }

    private static MethodInfo Definition(MethodInfo method) => method.IsGenericMethod ? method.GetGenericMethodDefinition() : method;
}
