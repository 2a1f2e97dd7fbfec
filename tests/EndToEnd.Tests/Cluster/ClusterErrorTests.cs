using TaaS.Operator.Tests.ApiServer;

namespace TaaS.EndToEnd.Tests.Cluster;

/// <summary>What goes wrong between a user and a cluster, in one line each. Lost otherwise: a user who does not know whom to ask.</summary>
[Trait("Category", "process")]
public sealed class ClusterErrorTests
{
    [Fact]
    public async Task NoUsableKubeconfig_IsSaid()
    {
        await using var place = await ClusterPlace.StartAsync(withKinds: false);
        var broken = Path.Combine(place.Folder, "broken");
        File.WriteAllText(broken, "clusters: {");

        (await place.TaasAsync("get", "--kubeconfig", "nowhere")).AssertRefused(2, "there is no kubeconfig ");
        (await place.TaasAsync("get", "--context", "elsewhere")).AssertRefused(2, "elsewhere");
        (await place.TaasAsync("get", "--kubeconfig", broken)).AssertRefused(2, "the kubeconfig cannot be used: ");
        (await TaasCommand.RunAsync(place.Folder, [("KUBECONFIG", ""), ("HOME", place.Folder)], "get")).AssertRefused(2, "no cluster is known here: ");
    }

    [Fact]
    public async Task ClusterWithoutOurKinds_IsToldWhatToApply()
    {
        await using var place = await ClusterPlace.StartAsync(withKinds: false);
        const string mention = "the cluster does not know the kinds of taas.dev: apply scheduler/deploy first (kubectl apply -k scheduler/deploy)";

        foreach (var command in (string[][])[["get"], ["get", "small"], ["why", "small"], ["logs", "small"], ["suspend", "small"], ["delete", "small"], ["queue", "ls"], ["submit", "job.yaml"], ["scale", "small", "--workers", "2"]])
        {
            (await place.TaasAsync(command)).AssertRefused(1, mention);
        }
    }

    [Fact]
    public async Task ServerThatIsDown_RefusesOrKnowsUsNot_IsSaid()
    {
        await using var place = await ClusterPlace.StartAsync(withOperator: false);

        place.Server.Faults.Plan = static _ => new Fault.Answer(403, Reason: "Forbidden");
        (await place.TaasAsync("get")).AssertRefused(1, "ask an administrator of the cluster for the right");
        place.Server.Faults.Plan = null;
        place.Server.Faults.Token = "another";
        (await place.TaasAsync("get")).AssertRefused(1, "the credentials of the kubeconfig are missing, wrong or have expired");
        place.Server.Faults.Token = null;
        place.Server.Faults.IsDown = true;
        (await place.TaasAsync("get")).AssertRefused(1, "does not answer");
    }

    [Fact]
    public async Task NamesThatDoNotExist_ComeWithTheNearest()
    {
        await using var place = await ClusterPlace.StartAsync(withOperator: false);
        (await place.TaasAsync("submit", "job.yaml")).AssertSucceeded();

        (await place.TaasAsync("submit", "job.yaml")).AssertRefused(1, "there is a job small in namespace default already");
        (await place.TaasAsync("submit", "job.yaml", "--set", "spec.queue=reserch")).AssertRefused(2, "spec.queue: there is no queue reserch; did you mean 'research'?");
        (await place.TaasAsync("why", "smal")).AssertRefused(1, "there is no job smal in namespace default; did you mean 'small'?");
        (await place.TaasAsync("get", "small", "-n", "elsewhere")).AssertRefused(1, "there is no job small in namespace elsewhere; there are none");
        (await place.TaasAsync("logs", "small", "--index", "7")).AssertRefused(1, "small has no worker 7; there are 2, counted from 0");
        (await place.TaasAsync("logs", "small", "--role", "ps")).AssertRefused(1, "small has no role ps; it has worker");
        (await place.TaasAsync("logs", "small")).AssertRefused(1, "small has no pod small-worker-0 now: it is Pending");
        (await place.TaasAsync("logs", "small", "--role", "chief")).AssertRefused(2, "Must be one of: 'ps' 'worker' 'evaluator'");
        (await place.TaasAsync("get", "-o", "xml")).AssertRefused(2, "Must be one of: 'table' 'json' 'yaml'");
    }

    [Fact]
    public async Task JobsThatCannotRunThere_AreRefusedBeforeTheyAreSent()
    {
        await using var place = await ClusterPlace.StartAsync(withOperator: false);

        (await place.TaasAsync("submit", "job.yaml", "--set", "spec.replicas.worker.resources.\"nvidia.com/gpu\"=-1")).AssertRefused(2, "expected a whole number of devices, got -1");
        (await place.TaasAsync("submit", "job.yaml", "--set", "spec.program={path: train.cs}")).AssertRefused(2, "is a program of this machine; for a cluster put it into an image");
        (await place.TaasAsync("submit", "nowhere.yaml")).AssertRefused(2, "nowhere.yaml does not exist");
        Assert.DoesNotContain(place.Server.Log, static request => request.StartsWith("POST", StringComparison.Ordinal) && request.Contains("trainingjobs", StringComparison.Ordinal));
    }
}
