using TaaS.Engine;

namespace TaaS.Runtime;

/// <summary>Training could not go on: a role was lost, a peer refused, a wait ran out. The message is one line a user can act on.</summary>
public class TrainingException : TaaSException
{
    /// <summary>Makes the error.</summary>
    public TrainingException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the error with its cause.</summary>
    public TrainingException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
