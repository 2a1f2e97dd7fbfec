namespace TaaS.Kernels.Cpu;

/// <summary>Work cut into independent parts, as a struct so that starting it allocates nothing.</summary>
internal interface IParallelJob
{
    /// <summary>Does part <paramref name="index"/>. Parts run in any order, on any thread, some at the same time.</summary>
    void Execute(int index);
}
