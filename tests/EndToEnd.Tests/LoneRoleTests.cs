using System.Net;
using System.Net.Sockets;

namespace TaaS.EndToEnd.Tests;

/// <summary>Roles that nobody supervises, as in containers, over TCP. Lost otherwise: a cluster's job that ends without a result.</summary>
[Trait("Category", "process")]
public sealed class LoneRoleTests
{
    [Theory]
    [InlineData("async")]
    [InlineData("sync")]
    public async Task Roles_StartedOneByOne_TheChiefLeavesWhatASupervisorWould(string mode)
    {
        using var place = new Workplace();
        File.WriteAllText(place.JobFile, File.ReadAllText(place.JobFile).Replace("mode: async", $"mode: {mode}", StringComparison.Ordinal));
        var secret = Path.Combine(place.Folder, "secret");
        File.WriteAllText(secret, "a secret of the job\n");
        var port = FreePort();

        var ends = await Task.WhenAll(
            Role("ps", 0, ("TAAS_SECRET", "a secret of the job")),
            Role("worker", 0, ("TAAS_SECRET_FILE", secret)),
            Role("worker", 1, ("TAAS_SECRET_FILE", secret)));

        Assert.All(ends, end => end.AssertSucceeded());
        var result = place.Result();
        Assert.InRange(result.GetProperty("testAccuracy").GetDouble(), 0.2, 1);
        Assert.True(result.GetProperty("imagesPerSecond").GetDouble() > 0, result.GetRawText());
        Assert.Equal(mode, result.GetProperty("updateMode").GetString());
        Assert.Contains("testAccuracy", File.ReadAllText(place.Metrics()), StringComparison.Ordinal);
        Assert.True(File.Exists(place.Checkpoint()));

        Task<CommandResult> Role(string type, int index, (string, string) secret) => TaasCommand.RunRoleAsync(
            place.Folder,
            ("TAAS_CONFIG", $$$"""{"cluster":{"ps":["127.0.0.1:{{{port}}}"],"worker":["127.0.0.1:0","127.0.0.1:0"]},"task":{"type":"{{{type}}}","index":{{{index}}}}}"""),
            ("TAAS_JOB", place.JobFile),
            ("TAAS_RUN_FOLDER", place.RunFolder()),
            secret);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
