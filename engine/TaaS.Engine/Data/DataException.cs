namespace TaaS.Engine.Data;

/// <summary>A data file that is missing, truncated, corrupt or holds impossible values; the message names the file and what to do.</summary>
public sealed class DataException : TaaSException
{
    /// <summary>Makes the error.</summary>
    public DataException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
