namespace TaaS.Engine;

/// <summary>An error a user can mend: its message is one sentence that says what was wrong, where, and what to do.</summary>
public class TaaSException : Exception
{
    /// <summary>Makes the error.</summary>
    public TaaSException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the error with its cause.</summary>
    public TaaSException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}
