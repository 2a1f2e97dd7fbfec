namespace TaaS.Kernels;

/// <summary>A device that is not there, is out of memory, or failed. The message is one line for the user.</summary>
public class DeviceException : Exception
{
    /// <summary>Makes one.</summary>
    public DeviceException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with what it comes from.</summary>
    public DeviceException(string message, Exception? cause)
        : base(message, cause)
    {
    }
}
