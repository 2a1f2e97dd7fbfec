namespace TaaS.Kernels.Cuda;

/// <summary>Addresses of two tensors rounded to 16 bits, and of room for a 16-bit result.</summary>
internal readonly record struct ShortCopies(nint First, nint Second, nint Room);
