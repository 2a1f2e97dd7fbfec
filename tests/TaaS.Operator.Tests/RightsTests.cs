using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using TaaS.Jobs;
using TaaS.Kubernetes;
using TaaS.Operator.Tests.ApiServer;

namespace TaaS.Operator.Tests;

/// <summary>The operator does nothing that <c>scheduler/deploy/rbac.yaml</c> does not allow. Lost otherwise: an operator that works for its authors alone, who are admins.</summary>
public sealed class RightsTests
{
    private const string OwnNamespace = "taas-system";

    [Fact]
    public async Task EveryCall_IsWithinTheRightsOfTheDeployment()
    {
        var calls = new ConcurrentQueue<Call>();
        await using var cluster = await DoubleCluster.StartAsync();
        var kill = new KillSwitch
        {
            Counts = request =>
            {
                calls.Enqueue(Call.Of(request));
                return false;
            },
        };
        await cluster.Client.CreateAsync(ResourceKinds.Namespaces, new V1Namespace { ApiVersion = "v1", Kind = "Namespace", Metadata = new V1ObjectMeta { Name = OwnNamespace } }, CancellationToken.None);
        await cluster.Client.DeleteAsync(ResourceKinds.Queues, null, "default", null, CancellationToken.None);
        foreach (var item in KubernetesYaml.LoadAllFromString(await File.ReadAllTextAsync(Path.Combine(TestSettings.Root, "scheduler/deploy/webhook.yaml"))))
        {
            await (item switch
            {
                V1MutatingWebhookConfiguration mutating => (Task)cluster.Client.CreateAsync(ResourceKinds.MutatingWebhooks, mutating, CancellationToken.None),
                V1ValidatingWebhookConfiguration validating => cluster.Client.CreateAsync(ResourceKinds.ValidatingWebhooks, validating, CancellationToken.None),
                _ => throw new InvalidOperationException($"webhook.yaml holds a {item.GetType().Name}"),
            });
        }

        using var connection = ApiConnection.Open(() => cluster.Server.Configuration, () => new KillHandler(kill));
        await using var webhook = await AdmissionServer.StartAsync(new OperatorOptions { OwnNamespace = OwnNamespace }, new ApiClient(connection), new OperatorLog(NullLogger.Instance), TimeProvider.System, CancellationToken.None);
        // Who leads renews every other second; the life that follows has no lease that a slow machine could let run out.
        await using (cluster.StartOperator(RunningOperator.Options with { LeaderElection = true, OwnNamespace = OwnNamespace }, kill: kill))
        {
            await AskedForAsync(calls, "create leases", "update leases");
        }

        cluster.StartOperator(RunningOperator.Options with { OwnNamespace = OwnNamespace, Starter = Path.Combine(TestSettings.Root, "scheduler/deploy/starter") }, kill: kill);

        await TestCluster.EventuallyAsync(async () => (await cluster.Client.ListAsync(ResourceKinds.Queues, null)).Items.Count == 3, "the queues to begin with");
        await LiveAsync(cluster);

        // The life led here asks for all of these, or it is not the life that it should be.
        await AskedForAsync(
            calls,
            "create queues", "create resourceflavors", "create pods", "create pods/binding", "create services", "create secrets", "create events", "patch mutatingwebhookconfigurations",
            "patch validatingwebhookconfigurations", "patch trainingjobs/status", "patch queues/status", "patch pods", "delete pods", "delete trainingjobs", "watch nodes", "list pods");

        // And no more: what is granted is asked for here, but for what only the unusual asks for.
        string[] unusual =
        [
            "update trainingjobs/finalizers", // asked by an admission plugin of the server, on our behalf
            "get pods", "get services", "get trainingjobs", // read back after a conflict or a time-out
            "patch secrets", // a job changed while it was held back
        ];
        Assert.Empty(Rights.SelectMany(static right => right.Rule.Resources.SelectMany(resource => right.Rule.Verbs.Select(verb => $"{verb} {resource}"))).Except(unusual).Except(calls.Select(static call => $"{call.Verb} {call.Resource}")));
        Assert.All(calls.Where(static call => call.Resource.Length > 0).Distinct(), static call => Assert.True(Rights.Any(right => right.Allows(call)), $"rbac.yaml does not allow: {call}"));
    }

    private static Task AskedForAsync(ConcurrentQueue<Call> calls, params string[] wanted) 
    {
        return TestCluster.EventuallyAsync(() => Task.FromResult(!Missing().Any()), () => $"calls of {string.Join(", ", Missing())}");

        IEnumerable<string> Missing() => wanted.Except(calls.Select(static call => $"{call.Verb} {call.Resource}"));
    }

    private static async Task LiveAsync(DoubleCluster cluster)
    {
        await cluster.SubmitAsync(new TestJob("whole").Servers(1).Workers(2));
        await cluster.ReachesAsync("whole", JobPhase.Running);
        await cluster.PatchAsync("whole", new JsonObject { ["suspend"] = true });
        await cluster.ReachesAsync("whole", JobPhase.Suspended);
        await cluster.PatchAsync("whole", new JsonObject { ["suspend"] = false });
        await cluster.ReachesAsync("whole", JobPhase.Running);
        // By hand.
        var deleted = (await cluster.PodAsync("whole-worker-1")).Metadata.Uid;
        await cluster.Client.DeleteAsync(ResourceKinds.Pods, cluster.Space, "whole-worker-1", null, CancellationToken.None);
        await TestCluster.EventuallyAsync(async () => (await cluster.PodsAsync("whole")).Any(pod => pod.Metadata.Name == "whole-worker-1" && pod.Metadata.Uid != deleted && pod.Status.Phase == "Running"), "the pod to be made again");
        await cluster.SubmitAsync(new TestJob("faulty").Workers(1).Runs(0.1, code: 7).Policy("backoffLimit", 0));
        await cluster.ReachesAsync("faulty", JobPhase.Failed);
        await cluster.SubmitAsync(new TestJob("brief").Workers(1).Runs(0.1).Policy("ttlAfterFinished", "1s"));
        await TestCluster.EventuallyAsync(async () => await cluster.Client.FindAsync(ResourceKinds.TrainingJobs, cluster.Space, "brief", CancellationToken.None) is null, "the job to be deleted");
    }

    private static List<Right> Rights { get; } = [.. Read()];

    private static IEnumerable<Right> Read()
    {
        foreach (var item in KubernetesYaml.LoadAllFromString(File.ReadAllText(Path.Combine(TestSettings.Root, "scheduler/deploy/rbac.yaml"))))
        {
            var (rules, space) = item switch
            {
                V1ClusterRole role => (role.Rules, null),
                V1Role role => (role.Rules, role.Metadata.NamespaceProperty),
                _ => ([], null),
            };
            foreach (var rule in rules)
            {
                yield return new Right(rule, space);
            }
        }
    }

    private sealed record Right(V1PolicyRule Rule, string? Space)
    {
        public bool Allows(Call call) =>
            (Space is null || Space == call.Space)
            && Rule.Verbs.Contains(call.Verb) && Rule.ApiGroups.Contains(call.Group) && Rule.Resources.Contains(call.Resource)
            && (Rule.ResourceNames is not { Count: > 0 } names || (call.Name is not null && names.Contains(call.Name)));
    }

    /// <summary>A request as an API server's authorizer sees it.</summary>
    private sealed record Call(string Verb, string Group, string Resource, string? Space, string? Name)
    {
        public static Call Of(HttpRequestMessage request)
        {
            if (RequestPath.Parse(request.RequestUri!.AbsolutePath) is not { Plural: { } plural } path)
            {
                // The server's version, which everyone may ask for.
                return new Call("get", "", "", null, null);
            }

            var verb = request.Method.Method switch
            {
                "GET" when request.RequestUri.Query.Contains("watch=true", StringComparison.Ordinal) => "watch",
                "GET" => path.Name is null ? "list" : "get",
                "POST" => "create",
                "PUT" => "update",
                "PATCH" => "patch",
                "DELETE" => path.Name is null ? "deletecollection" : "delete",
                var other => throw new InvalidOperationException(other),
            };
            return new Call(verb, path.Group, path.Subresource is null ? plural : $"{plural}/{path.Subresource}", path.Space, path.Name);
        }
    }
}
