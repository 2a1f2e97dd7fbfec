using TaaS.Engine;

namespace TaaS.Runtime.Programs;

/// <summary>A user's program, named by <c>spec.program.path</c>, that is missing, does not build, or is no training program.</summary>
public sealed class ProgramException : TaaSException
{
    /// <summary>Makes the error.</summary>
    public ProgramException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the error with its cause.</summary>
    public ProgramException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
