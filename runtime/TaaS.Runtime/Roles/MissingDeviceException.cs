using TaaS.Engine;
using TaaS.Kernels;

namespace TaaS.Runtime;

/// <summary>The job names a device that this machine does not have.</summary>
public sealed class MissingDeviceException(DeviceException cause) : TaaSException($"spec.device: {cause.Message}", cause);
