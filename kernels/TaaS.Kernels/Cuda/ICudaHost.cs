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
}
