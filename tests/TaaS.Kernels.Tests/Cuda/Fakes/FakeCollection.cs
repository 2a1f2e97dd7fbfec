namespace TaaS.Kernels.Tests.Cuda;

/// <summary>Tests on the stand-in libraries take turns: those count calls and memory for the whole process.</summary>
[CollectionDefinition(Name)]
public sealed class FakeCollection
{
    public const string Name = "stand-in CUDA libraries";
}
