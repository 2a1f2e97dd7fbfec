using TaaS.Jobs;
using TaaS.Kernels;

namespace TaaS.Runtime;

/// <summary>Finds the device a job names.</summary>
internal static class RoleDevice
{
    /// <summary>The job's device, set to its precision.</summary>
    /// <exception cref="MissingDeviceException">This machine has no such device.</exception>
    public static Device Find(TrainingJobSpec spec)
    {
        try
        {
            var device = Devices.Find(spec.Device);
            device.Precision = spec.Precision switch
            {
                Precision.Tf32 => MatrixPrecision.TensorFloat32,
                Precision.Bf16 => MatrixPrecision.BFloat16,
                Precision.F16 => MatrixPrecision.Float16,
                _ => MatrixPrecision.Float32,
            };
            return device;
        }
        catch (DeviceException missing)
        {
            throw new MissingDeviceException(missing);
        }
    }

    /// <summary>Checks that the roles of a job will find the device, without opening it here.</summary>
    /// <exception cref="MissingDeviceException">This machine has no such device.</exception>
    public static void Require(string name)
    {
        try
        {
            Devices.Require(name);
        }
        catch (DeviceException missing)
        {
            throw new MissingDeviceException(missing);
        }
    }
}
