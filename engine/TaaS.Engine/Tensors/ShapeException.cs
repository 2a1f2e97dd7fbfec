namespace TaaS.Engine;

/// <summary>Shapes that do not fit an operation; the message carries the operation and all shapes.</summary>
public sealed class ShapeException : TaaSException
{
    /// <summary>Makes the error.</summary>
    public ShapeException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the error with its cause.</summary>
    public ShapeException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
