namespace TaaS.Runtime;

/// <summary>A checkpoint that is missing, was not written by a training run, or belongs to another model or optimizer.</summary>
public sealed class CheckpointException : TrainingException
{
    /// <summary>Makes the error.</summary>
    public CheckpointException(string message)
        : base(message)
    {
    }
}
