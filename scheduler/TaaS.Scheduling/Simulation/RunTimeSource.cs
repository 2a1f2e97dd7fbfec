namespace TaaS.Scheduling.Simulation;

/// <summary>What the scheduler knows of how long jobs will run.</summary>
public enum RunTimeSource
{
    /// <summary>What their users declared.</summary>
    Declared,

    /// <summary>What finished jobs like them took; until some have finished, what their users declared.</summary>
    Learnt,

    /// <summary>The truth, as no real cluster knows it.</summary>
    Exact,

    /// <summary>Nothing.</summary>
    Unknown,
}
