using TaaS.Scheduling.Model;

namespace TaaS.Scheduling;

/// <summary>
/// Decides which gangs start now, where their pods go, which gangs are stopped for them, and why everything else waits. It holds no state and does no I/O:
/// the same snapshot gives the same pass, in whatever order its lists come.
/// </summary>
/// <param name="options">How to decide.</param>
public sealed class Scheduler(SchedulerOptions options)
{
    /// <summary>One pass.</summary>
    /// <param name="snapshot">All there is to know.</param>
    public SchedulingPass Decide(ClusterSnapshot snapshot) => new Pass(options, snapshot).Run();
}
