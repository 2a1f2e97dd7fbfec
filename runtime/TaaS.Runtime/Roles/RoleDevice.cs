using TaaS.Kernels;

namespace TaaS.Runtime;

/// <summary>Finds the device a job names.</summary>
internal static class RoleDevice
{
    /// <summary>The device of that name.</summary>
    /// <exception cref="MissingDeviceException">This machine has no such device.</exception>
    public static Device Find(string name)
    {
        try
        {
            return Devices.Find(name);
        }
        catch (DeviceException missing)
        {
            throw new MissingDeviceException(missing);
        }
    }

    /// <summary>Checks that the roles of a job will find the device, without opening it here.</summary>
    /// <inheritdoc cref="Find"/>
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
