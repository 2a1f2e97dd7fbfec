namespace TaaS.Runtime.Allreduce;

/// <summary>A worker of the ring was lost. The others can go back to the last checkpoint once it, or its successor, is there again.</summary>
internal sealed class RingLossException : TrainingException
{
    /// <summary>Makes the error.</summary>
    public RingLossException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the error with its cause.</summary>
    public RingLossException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
