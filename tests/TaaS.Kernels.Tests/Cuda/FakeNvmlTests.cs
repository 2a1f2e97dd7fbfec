using TaaS.Kernels.Cuda;

namespace TaaS.Kernels.Tests.Cuda;

/// <summary>Sensors and faults of GPUs through real imports, on a stand-in for NVML.</summary>
[Collection(FakeCollection.Name)]
public sealed class FakeNvmlTests
{
    [SkippableFact]
    public void Read_TellsEverySensor() => FakeLibraries.Run(Sensors);

    [SkippableFact]
    public void Gpus_AreListedInTheDriversOrderWithTheirSensors() => FakeLibraries.Run(Gpus);

    [SkippableFact]
    public void XidWatch_HearsAFaultAndThenNothing() => FakeLibraries.Run(Faults);

    [SkippableFact]
    public void WithoutNvml_SaysSo()
    {
        Skip.If(CudaLibraries.Installed.Has(CudaLibrary.Nvml), "this machine has NVML");
        Assert.Equal("NVML: libnvidia-ml.so.1 not found; GPUs are not monitored", Assert.Throws<CudaLibraryException>(() => new NvmlMonitor()).Message);
        Assert.Throws<CudaLibraryException>(() => new XidWatch());
    }

    private static void Sensors()
    {
        using var monitor = new NvmlMonitor();
        Assert.Equal(2, monitor.Count);
        Assert.Equal(new GpuReading(0, "Fake One", 87, 41, 754820096, 150754820096, 55, 412.345), monitor.Read(0));
        Assert.Equal(new GpuReading(1, "Fake Two", 86, 41, 754820096, 150754820096, 56, null), monitor.Read(1));
        Assert.Equal(1, monitor.IndexOf("0000:02:00.0"));
        Assert.Equal("nvmlDeviceGetHandleByIndex of GPU 5: NVML_ERROR_INVALID_ARGUMENT (2)", Assert.Throws<CudaException>(() => monitor.Read(5)).Message);
        Assert.Equal("NVML_ERROR_NOT_FOUND", Assert.Throws<CudaException>(() => monitor.IndexOf("0000:ff:00.0")).CodeName);
        monitor.Dispose();
        Assert.Throws<ObjectDisposedException>(() => monitor.Read(0));
    }

    private static void Gpus()
    {
        using var monitor = new NvmlMonitor();
        Assert.Equal([new CudaGpu(0, "Software One", 1L << 30, monitor.Read(0)), new CudaGpu(1, "Software Two", 1L << 30, monitor.Read(1))], CudaGpu.List());
    }

    private static void Faults()
    {
        using var watch = new XidWatch();
        Assert.Equal(1, watch.Watched);
        Assert.Equal(new XidEvent(0, 79), watch.Wait(TimeSpan.Zero));
        Assert.Null(watch.Wait(TimeSpan.Zero));
        Assert.Null(watch.Wait(TimeSpan.FromSeconds(2)));
    }
}
