namespace TaaS.Kubernetes;

/// <summary>There is no usable description of a cluster; the message says what to do.</summary>
public sealed class ApiConfigurationException : Exception
{
    /// <summary>Makes the error.</summary>
    public ApiConfigurationException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
