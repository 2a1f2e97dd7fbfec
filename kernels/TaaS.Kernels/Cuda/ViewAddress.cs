namespace TaaS.Kernels.Cuda;

/// <summary>Device address of a view's first element.</summary>
internal delegate nint ViewAddress(in View view);
