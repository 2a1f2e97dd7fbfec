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
        var roles = new LoneRoles(place);

        var ends = await Task.WhenAll(
            roles.RunAsync("ps", 0, ("TAAS_SECRET", "a secret of the job")),
            roles.RunAsync("worker", 0, ("TAAS_SECRET_FILE", secret)),
            roles.RunAsync("worker", 1, ("TAAS_SECRET_FILE", secret)));

        Assert.All(ends, end => end.AssertSucceeded());
        var result = place.Result();
        Assert.InRange(result.GetProperty("testAccuracy").GetDouble(), 0.2, 1);
        Assert.True(result.GetProperty("imagesPerSecond").GetDouble() > 0, result.GetRawText());
        Assert.Equal(mode, result.GetProperty("updateMode").GetString());
        Assert.Contains("testAccuracy", File.ReadAllText(place.Metrics()), StringComparison.Ordinal);
        Assert.True(File.Exists(place.Checkpoint()));
    }

    [Fact]
    public async Task Roles_EachWithACertificate_TrainOverTls()
    {
        using var place = new Workplace();
        using var authority = new TestAuthority();
        var roles = new LoneRoles(place);

        var ends = await Task.WhenAll(
            roles.RunAsync("ps", 0, [LoneRoles.Secret, .. Certificates(authority, authority)]),
            roles.RunAsync("worker", 0, [LoneRoles.Secret, .. Certificates(authority, authority)]),
            roles.RunAsync("worker", 1, [LoneRoles.Secret, .. Certificates(authority, authority)]));

        Assert.All(ends, end => end.AssertSucceeded());
        Assert.InRange(place.Result().GetProperty("testAccuracy").GetDouble(), 0.2, 1);
    }

    [Fact]
    public async Task Worker_WhoseServerHasAStrangersCertificate_EndsInOneLine()
    {
        using var place = new Workplace();
        using var authority = new TestAuthority();
        using var stranger = new TestAuthority("their authority");
        var roles = new LoneRoles(place);
        using var server = roles.Start("ps", 0, [LoneRoles.Secret, .. Certificates(stranger, stranger)]);

        var worker = await roles.RunAsync("worker", 0, [LoneRoles.Secret, .. Certificates(authority, authority)]);

        worker.AssertRefused(1, "certificate");
    }

    [SkippableFact]
    public async Task Roles_WhileTheClockJumpsAnHourEitherWay_GoOn()
    {
        const string library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
        Skip.IfNot(File.Exists(library), "needs libfaketime (Debian's package faketime), which moves a process's clock");
        using var place = new Workplace(trainSamples: 9600);
        var offset = Path.Combine(place.Folder, "offset");
        File.WriteAllText(offset, "+0\n");
        // A clock that is set jumps; the one that measures time does not.
        (string, string)[] clock = [("LD_PRELOAD", library), ("FAKETIME_TIMESTAMP_FILE", offset), ("FAKETIME_NO_CACHE", "1"), ("FAKETIME_DONT_FAKE_MONOTONIC", "1"), LoneRoles.Secret];
        var roles = new LoneRoles(place);
        using var server = roles.Start("ps", 0, clock);
        using var other = roles.Start("worker", 1, clock);
        using var chief = roles.Start("worker", 0, clock);

        await chief.WaitForFileAsync(place.Metrics(), "\"step\"");
        foreach (var jump in new[] { "+3600\n", "-3600\n", "+0\n" })
        {
            var before = File.ReadAllLines(place.Metrics()).Length;
            File.WriteAllText(offset, jump);
            await chief.WaitForLinesAsync(place.Metrics(), before + 1);
        }

        foreach (var role in new[] { chief, other, server })
        {
            (await role.WaitAsync(TaasCommand.TimeLimit)).AssertSucceeded();
        }

        var times = File.ReadAllLines(place.Metrics()).Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("time").GetDateTimeOffset()).ToList();
        Assert.True(times.Max() - times.Min() > TimeSpan.FromMinutes(59), "the clock did not jump");
        Assert.InRange(place.Result().GetProperty("testAccuracy").GetDouble(), 0.2, 1);
        Assert.InRange(place.Result().GetProperty("wallSeconds").GetDouble(), 0.1, 600);
    }

    private static IEnumerable<(string, string)> Certificates(TestAuthority own, TestAuthority trusted)
    {
        var (certificate, key) = own.Issue();
        return [("TAAS_TLS_CERT", certificate), ("TAAS_TLS_KEY", key), ("TAAS_TLS_CA", trusted.Path)];
    }
}
