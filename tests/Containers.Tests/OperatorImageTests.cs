using System.Text.Json;

namespace TaaS.Containers.Tests;

/// <summary>The operator as a cluster starts it. Lost otherwise: an installation whose pods do not come up, on clusters that refuse root and writable roots.</summary>
[Trait("Category", "container")]
[Collection(ContainerCollection.Name)]
public sealed class OperatorImageTests(ContainerHost host)
{
    private const long MaxBytes = 150_000_000;

    /// <summary>What the Deployment in scheduler/deploy asks of a container's runtime.</summary>
    private static readonly string[] Restricted = ["--network=host", "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", "--tmpfs", "/tmp:mode=1777"];

    [SkippableFact]
    public async Task Image_IsSmallNonRootAndLabelled()
    {
        await host.NeedOperatorAsync();
        using var inspected = JsonDocument.Parse(await host.Podman.DoAsync("image", "inspect", ContainerHost.OperatorImage));
        var image = inspected.RootElement[0];
        var config = image.GetProperty("Config");

        Assert.InRange(image.GetProperty("Size").GetInt64(), 1, MaxBytes);
        Assert.Equal("10001:10001", config.GetProperty("User").GetString());
        Assert.Equal("SIGTERM", config.GetProperty("StopSignal").GetString());
        Assert.Equal("/usr/bin/taas-operator", config.GetProperty("Entrypoint")[0].GetString());
        Assert.Equal("taas-operator", config.GetProperty("Labels").GetProperty("org.opencontainers.image.title").GetString());
    }

    [SkippableFact]
    public async Task Operator_AskedForItsVersionAndOptions_Answers()
    {
        await host.NeedOperatorAsync();

        var version = await host.Podman.RunOnceAsync([.. Restricted, ContainerHost.OperatorImage, "--version"]);
        var help = await host.Podman.RunOnceAsync([.. Restricted, ContainerHost.OperatorImage, "--help"]);

        version.AssertSucceeded();
        Assert.Matches(@"^\d+\.\d+\.\d+\s*$", version.Output);
        help.AssertSucceeded();
        // The options that the Deployment gives.
        foreach (var option in new[] { "--metrics-port", "--webhook-port", "--starter", "--own-namespace", "--role-image", "--image-pull-policy", "--identity" })
        {
            Assert.Contains(option, help.Output, StringComparison.Ordinal);
        }
    }

    [SkippableTheory]
    [InlineData(2, "--metrics-port: expected a whole number from 0 to 65535, got 'x'", "--metrics-port", "x")]
    [InlineData(2, "'--colour' is no option here", "--colour", "red")]
    [InlineData(2, "there is no kubeconfig /nowhere", "--kubeconfig", "/nowhere")]
    [InlineData(2, "no cluster is known here", "--metrics-port", "0")]
    public async Task Operator_StartedWrong_SaysWhyInOneLine(int code, string mention, params string[] arguments)
    {
        await host.NeedOperatorAsync();

        var run = await host.Podman.RunOnceAsync([.. Restricted, ContainerHost.OperatorImage, .. arguments]);

        run.AssertRefused(code, mention);
    }
}
