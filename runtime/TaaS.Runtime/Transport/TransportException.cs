namespace TaaS.Runtime.Transport;

/// <summary>A conversation with another role broke: lost, silent, refused, or not understood.</summary>
public sealed class TransportException : TrainingException
{
    /// <summary>Makes the error.</summary>
    public TransportException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the error with its cause.</summary>
    public TransportException(string message, Exception cause)
        : base(message, cause)
    {
    }

    /// <summary>True where the peer spoke and said no, so that trying again is useless.</summary>
    public bool Final { get; init; }
}
