using System.Runtime.CompilerServices;

namespace TaaS.Runtime.Tests;

/// <summary>
/// Workers and servers of tests block threads of the pool, which grows by one or two a second: while it grows, a handshake that others
/// wait for would pass its time limit.
/// </summary>
internal static class PoolThreads
{
    private const int Enough = 64;

    [ModuleInitializer]
    internal static void Provide() => ThreadPool.SetMinThreads(Enough, Enough);
}
