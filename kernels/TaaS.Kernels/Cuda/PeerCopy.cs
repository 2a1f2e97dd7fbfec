using TaaS.Kernels.Gpu;

namespace TaaS.Kernels.Cuda;

/// <summary>Copies between the memories of two GPUs without the host: over NVLink or PCIe where one reaches the other, through buffers of the driver's where not.</summary>
internal static class PeerCopy
{
    private static readonly Lock Gate = new();
    private static readonly HashSet<(nint From, nint To)> Enabled = [];

    /// <summary>Queues a copy: after what the source's stream holds now, before what the target's will hold later; the source's later launches wait for it.</summary>
    /// <returns>False where one of the two is not a CUDA device.</returns>
    internal static bool TryRun(GpuDevice from, nint source, GpuDevice to, nint target, long bytes)
    {
        if (GpuHost.Of(from) is not { } sender || GpuHost.Of(to) is not { } receiver)
        {
            return false;
        }

        CudaContext sourceContext = ContextOf(from), targetContext = ContextOf(to);
        Enable(targetContext, sourceContext);
        Order(sender, receiver);
        receiver.Bind();
        DeviceMemory.CopyAcross(target, targetContext, source, sourceContext, bytes, receiver.Stream);
        Order(receiver, sender);
        return true;
    }

    /// <summary>What is queued on the second from now on runs after what the first holds.</summary>
    private static void Order(GpuHost first, GpuHost second)
    {
        first.Bind();
        using var mark = new CudaEvent(EventFlags.DisableTiming);
        mark.Record(first.Stream);
        second.Bind();
        second.Stream.WaitFor(mark);
        first.Bind();
    }

    private static CudaContext ContextOf(GpuDevice device) => CudaContext.Borrow(CudaDevice.Open(device.CudaOrdinal), device.Accelerator.NativePtr);

    /// <summary>Opens the direct way, once for each pair, where there is one.</summary>
    private static void Enable(CudaContext reader, CudaContext owner)
    {
        lock (Gate)
        {
            if (Enabled.Add((owner.Handle, reader.Handle)) && reader.Device.CanAccess(owner.Device))
            {
                reader.EnableAccessTo(owner);
            }
        }
    }
}
