namespace TaaS.Kernels.Cuda;

/// <summary>What the libraries' kernels need of the device they work for.</summary>
internal interface ICudaHost
{
    /// <summary>The device's one order of launches.</summary>
    CudaStream Stream { get; }

    /// <summary>How products round their operands.</summary>
    MatrixPrecision Precision { get; }

    /// <summary>Makes the device's context current on this thread; next to nothing where it is already.</summary>
    void Bind();

    /// <summary>Address of a view's first element on the device.</summary>
    nint AddressOf(in View view);

    /// <summary>Rounds two tensors to the 16 bits of <see cref="Precision"/>, in memory that lasts until the next call; queued on the stream.</summary>
    /// <param name="first">Starts at a multiple of 16 bytes.</param>
    /// <param name="firstLength">Elements from its first to its last, gaps included.</param>
    /// <param name="second">Likewise.</param>
    /// <param name="secondLength">Likewise.</param>
    /// <param name="room">Elements of a 16-bit result to leave room for.</param>
    ShortCopies Narrow(in View first, long firstLength, in View second, long secondLength, long room);

    /// <summary>Writes the result from the room last left for it to a contiguous tensor that starts at a multiple of 16 bytes.</summary>
    void Widen(in View target);
}
