namespace TaaS.Kernels.Cuda;

/// <summary>A call of a CUDA library failed.</summary>
public sealed class CudaException : DeviceException
{
    internal CudaException(string operation, int code, string codeName, string message)
        : base(message)
    {
        Operation = operation;
        Code = code;
        CodeName = codeName;
    }

    /// <summary>The function that failed.</summary>
    public string Operation { get; }

    /// <summary>What it returned.</summary>
    public int Code { get; }

    /// <summary>The same as the library's header names it.</summary>
    public string CodeName { get; }
}
