namespace TaaS.Kernels;

/// <summary>A run of elements in one device's memory. Freed by the garbage collector with its last view.</summary>
public abstract class DeviceBuffer
{
    private protected DeviceBuffer(Device device, DType dtype, long length)
    {
        Device = device;
        DType = dtype;
        Length = length;
    }

    /// <summary>The device that owns the memory.</summary>
    public Device Device { get; }

    /// <summary>Element type.</summary>
    public DType DType { get; }

    /// <summary>Number of elements.</summary>
    public long Length { get; }
}
