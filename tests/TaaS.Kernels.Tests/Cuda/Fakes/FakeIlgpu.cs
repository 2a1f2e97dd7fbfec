using System.Reflection;
using System.Runtime.CompilerServices;

namespace TaaS.Kernels.Tests.Cuda;

/// <summary>What ILGPU would throw.</summary>
internal static class FakeIlgpu
{
    /// <summary>A failed call; the exception's constructors need a driver.</summary>
    public static Exception Failure(string error)
    {
        var exception = (Exception)RuntimeHelpers.GetUninitializedObject(typeof(ILGPU.Runtime.Cuda.CudaException));
        typeof(ILGPU.Runtime.Cuda.CudaException).GetField("<Error>k__BackingField", BindingFlags.Instance | BindingFlags.NonPublic)!.SetValue(exception, error);
        return exception;
    }
}
