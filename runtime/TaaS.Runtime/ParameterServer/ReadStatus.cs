namespace TaaS.Runtime.ParameterServer;

/// <summary>What a server can say to a question about parameters.</summary>
public enum ReadStatus
{
    /// <summary>Not yet: others must push, finish or initialise first.</summary>
    Waiting,

    /// <summary>The answer can be given.</summary>
    Ready,

    /// <summary>The question belongs to a generation that is over: training goes back to a checkpoint.</summary>
    WentBack,
}

/// <summary>What a reader waits for.</summary>
/// <param name="Kind">Which condition.</param>
/// <param name="Generation">Generation the reader knows.</param>
/// <param name="Worker">Who asks.</param>
/// <param name="Step">Step of a push or a snapshot.</param>
/// <param name="Slice">Slice, or -1.</param>
public readonly record struct ReadCondition(ReadKind Kind, uint Generation, int Worker, long Step, int Slice);

/// <summary>Conditions under which a server answers.</summary>
public enum ReadKind
{
    /// <summary>Parameters of any generation but the one that the reader knows to be over.</summary>
    Anew,

    /// <summary>Nothing but that the generation goes on.</summary>
    InGeneration,

    /// <summary>The update that a push brought, as far as the mode waits for it.</summary>
    AfterPush,

    /// <summary>The updates before a step, as far as the mode waits for them.</summary>
    AtStep,

    /// <summary>Every other worker has finished.</summary>
    AfterAllOthers,

    /// <summary>The chief has finished.</summary>
    AfterChief,
}
