using System.Runtime.CompilerServices;
using TaaS.Kubernetes;

namespace TaaS.Operator.Tests;

/// <summary>The API client's settings of the client library's serializer, which can be made only before its first use: here before any test, some of which use it themselves.</summary>
internal static class JsonSettings
{
    [ModuleInitializer]
    internal static void Make() => RuntimeHelpers.RunClassConstructor(typeof(ApiClient).TypeHandle);
}
