using TaaS.Runtime.ParameterServer;

namespace TaaS.Runtime;

/// <summary>What a worker does on its way through training; see <see cref="TrainingCourse"/>.</summary>
internal interface ICourseWork
{
    /// <summary>Of the chief: parameters to begin with, or to go back to.</summary>
    ParameterState LastState();

    /// <summary>Of the chief: keeps parameters to go back to.</summary>
    void Save(ParameterState state);

    /// <summary>Computes the gradients of a step and exchanges them.</summary>
    /// <inheritdoc cref="IParameterStore.Complete" path="/returns"/>
    long? Step(IParameterStore store, long step);

    /// <summary>An epoch has ended, or what was left of it.</summary>
    void EndEpoch(long step);

    /// <summary>Of the chief: scores the model on the test set.</summary>
    void Score(long step);
}
