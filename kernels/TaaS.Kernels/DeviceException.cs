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

    /// <summary>The failure of a device in what a call to one threw, also where ILGPU threw it; null where it is none.</summary>
    public static DeviceException? Find(Exception error) => error switch
    {
        DeviceException own => own,
        ILGPU.Runtime.Cuda.CudaException foreign => Cuda.CudaStatus.Failure(foreign, "a launch or an allocation on the GPU"),
        _ => null,
    };
}
