using System.Diagnostics;
using YamlDotNet.RepresentationModel;

namespace TaaS.Jobs.Tests;

/// <summary>
/// A real API server's word on the definitions: a rule that it does not take makes an installation fail, one that it reads otherwise
/// refuses good jobs. Runs where <c>KUBECONFIG</c> names a cluster that has our definitions; changes nothing there (dry run).
/// </summary>
[Trait("Category", "cluster")]
public sealed class ApiServerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>What the readers refuse, less what is a matter of the command line alone.</summary>
    private static IEnumerable<(string Settings, string Message)> BadSettings =>
        from row in TrainingJobTests.BadSettings.Concat(ClusterFieldTests.BadSettings)
        let message = (string)row[1]
        where !message.Contains("--set", StringComparison.Ordinal) && !message.Contains("FIELD=VALUE", StringComparison.Ordinal) && !message.Contains("valid YAML", StringComparison.Ordinal)
        select ((string)row[0], message);

    [SkippableTheory]
    [InlineData("trainingjobs.yaml")]
    [InlineData("queues.yaml")]
    [InlineData("resourceflavors.yaml")]
    public void Definition_IsTaken(string file)
    {
        Need();
        var (code, output) = Kubectl(File.ReadAllText(Path.Combine(DefinitionFileTests.Folder, file)), "apply", "--dry-run=server", "-f", "-");
        Assert.True(code == 0, output);
    }

    [SkippableFact]
    public void Job_WithEveryField_IsTaken()
    {
        Need();
        var (code, output) = Kubectl(ClusterFieldTests.Full.Replace("namespace: team-a, ", "", StringComparison.Ordinal), "create", "--dry-run=server", "-f", "-");
        Assert.True(code == 0, output);
    }

    [SkippableFact]
    public void BadSettings_AreRefusedThereToo_OrKeptForTheOperator()
    {
        Need();
        var disagreements = new List<string>();
        foreach (var (settings, message) in BadSettings)
        {
            // What no schema can say: names of fields, and of entries.
            var isForTheOperator = message.EndsWith(": unknown field", StringComparison.Ordinal) || message.Contains("unknown field;", StringComparison.Ordinal)
                || message.Contains("is not supported", StringComparison.Ordinal) || message.Contains("for a name", StringComparison.Ordinal) || message.Contains("expected a variable's name", StringComparison.Ordinal);
            var text = new StringWriter();
            new YamlStream(new YamlDocument(JobDocument.Load(ClusterFieldTests.Minimal, "the job file", settings.Split('|')))).Save(text, assignAnchors: false);
            var (code, output) = Kubectl(text.ToString(), "create", "--dry-run=server", "--validate=false", "-f", "-");
            if (code == 0 != isForTheOperator)
            {
                disagreements.Add($"{settings}: {output}");
            }
        }

        Assert.Empty(disagreements);
    }

    [SkippableFact]
    public void Defaults_OfTheServer_AreOurs()
    {
        Need();
        var (code, output) = Kubectl(ClusterFieldTests.Minimal, "create", "--dry-run=server", "-o", "json", "-f", "-");
        Assert.True(code == 0, output);
        using var json = System.Text.Json.JsonDocument.Parse(output);
        Assert.Equal("default", json.RootElement.GetProperty("spec").GetProperty("queue").GetString());
        Assert.Equal(TrainingJob.Parse(ClusterFieldTests.Minimal).ToYaml(), TrainingJob.FromResource(json.RootElement).ToYaml());
    }

    private static void Need()
    {
        Skip.If(string.IsNullOrEmpty(Environment.GetEnvironmentVariable("KUBECONFIG")), "KUBECONFIG names no cluster");
        Skip.IfNot((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "kubectl"))), "kubectl is not installed");
        var (code, output) = Kubectl("", "get", "customresourcedefinition", "trainingjobs.taas.dev", "-o", "name");
        Skip.If(code != 0, $"the cluster does not have our definitions: {output.Trim()}");
        (code, _) = Kubectl("", "get", "validatingwebhookconfiguration,mutatingwebhookconfiguration", "taas-operator", "-o", "name");
        Skip.If(code == 0, "the operator's webhook would answer in place of the API server");
    }

    private static (int Code, string Output) Kubectl(string input, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("kubectl", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill();
            throw new TimeoutException($"kubectl {string.Join(' ', arguments)} did not end within {Limit}");
        }

        return (process.ExitCode, output.Result + errors.Result);
    }
}
