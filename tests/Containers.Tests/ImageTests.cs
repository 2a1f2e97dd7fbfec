using System.Text.Json;

namespace TaaS.Containers.Tests;

/// <summary>What the image is. Lost otherwise: clusters that refuse root, nodes that pull for minutes, programs that miss a library.</summary>
[Trait("Category", "container")]
[Collection(ContainerCollection.Name)]
public sealed class ImageTests(ContainerHost host)
{
    private const long MaxBytes = 150_000_000;

    [SkippableFact]
    public async Task Image_IsSmallNonRootAndLabelled()
    {
        host.Need();
        using var inspected = JsonDocument.Parse(await host.Podman.DoAsync("image", "inspect", ContainerHost.Image));
        var image = inspected.RootElement[0];
        var config = image.GetProperty("Config");
        var labels = config.GetProperty("Labels");

        Assert.InRange(image.GetProperty("Size").GetInt64(), 1, MaxBytes);
        Assert.Equal("10001:10001", config.GetProperty("User").GetString());
        Assert.Equal("SIGTERM", config.GetProperty("StopSignal").GetString());
        Assert.Equal("/usr/bin/taas", config.GetProperty("Entrypoint")[0].GetString());
        Assert.Equal("Apache-2.0", labels.GetProperty("org.opencontainers.image.licenses").GetString());
        Assert.Matches(@"^\d+\.\d+\.\d+$", labels.GetProperty("org.opencontainers.image.version").GetString());
    }

    [SkippableFact]
    public async Task Image_ReadOnlyAndWithoutCapabilities_TrainsAWholeJob()
    {
        host.Need();
        using var place = new Workplace();
        var run = await host.Podman.RunOnceAsync(
            "--network=host", "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", "--tmpfs", "/work:mode=1777",
            "--volume", $"{place.DataFolder}:/data:ro",
            "--volume", $"{place.JobFile}:/job.yaml:ro",
            ContainerHost.Image, "train", "/job.yaml", "--set", "spec.data.path=/data", "--set", "spec.output.path=/work/runs");

        run.AssertSucceeded();
        Assert.Contains("/work/runs/small/result.json", run.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Image_HasTimeZonesAndCertificates()
    {
        host.Need();
        var container = await host.Podman.DoAsync("create", "--network=host", ContainerHost.Image);
        try
        {
            foreach (var (path, most) in new[] { ("/etc/ssl/certs/ca-certificates.crt", "BEGIN CERTIFICATE"), ("/usr/share/zoneinfo/Europe/Vienna", "TZif"), ("/usr/share/doc/libc6/copyright", "GNU C Library") })
            {
                Assert.Contains(most, await host.Podman.DoAsync("cp", $"{container}:{path}", "-"), StringComparison.Ordinal);
            }
        }
        finally
        {
            await host.Podman.DoAsync("rm", container);
        }
    }
}
