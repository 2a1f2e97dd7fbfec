using TaaS.Engine;

namespace TaaS.Runtime.Programs;

/// <summary>A user's program is to be built, and this machine has no .NET SDK.</summary>
public sealed class MissingSdkException(string program)
    : TaaSException($"spec.program.path: building {program} needs the .NET 10 SDK, which is not here; install it, or give a program that is built already (its .dll)");
