namespace TaaS.Runtime.Programs;

/// <summary>The <c>dotnet</c> command that builds and starts programs.</summary>
internal static class DotnetMuxer
{
    /// <summary>The one that runs this process, or that of <c>DOTNET_ROOT</c>, or the first in <c>PATH</c>.</summary>
    public static string Path { get; } = Find();

    private static string Find()
    {
        if (System.IO.Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            return Environment.ProcessPath!;
        }

        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        return Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root && File.Exists(System.IO.Path.Combine(root, name))
            ? System.IO.Path.Combine(root, name)
            : name;
    }
}
