using System.Net;
using System.Net.Sockets;

namespace TaaS.EndToEnd.Tests;

/// <summary>One server and two workers of a place's job, each started by itself.</summary>
internal sealed class LoneRoles(Workplace place)
{
    public static readonly (string, string) Secret = ("TAAS_SECRET", "a secret of the job");

    private readonly int _port = FreePort();

    public Task<CommandResult> RunAsync(string type, int index, params (string, string)[] variables) =>
        TaasCommand.RunRoleAsync(place.Folder, Variables(type, index, variables));

    public TaasCommand Start(string type, int index, params (string, string)[] variables) =>
        TaasCommand.StartRole(place.Folder, Variables(type, index, variables));

    private (string, string)[] Variables(string type, int index, (string, string)[] more) =>
    [
        ("TAAS_CONFIG", $$$"""{"cluster":{"ps":["127.0.0.1:{{{_port}}}"],"worker":["127.0.0.1:0","127.0.0.1:0"]},"task":{"type":"{{{type}}}","index":{{{index}}}}}"""),
        ("TAAS_JOB", place.JobFile),
        ("TAAS_RUN_FOLDER", place.RunFolder()),
        .. more,
    ];

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
