namespace TaaS.Engine.Formats;

/// <summary>A safetensors file that is missing, truncated, corrupt or cannot be written; the message names the file.</summary>
public sealed class SafeTensorsException : TaaSException
{
    /// <summary>Makes the error.</summary>
    public SafeTensorsException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
