using k8s.Models;

namespace TaaS.Operator.Tests;

/// <summary>Whose fault an end was: a user must not pay retries for what the cluster did, nor loop for ever on what the program did.</summary>
public sealed class PodFailureTests
{
    [Theory]
    [InlineData("OutOfcpu", true)]
    [InlineData("OutOfnvidia.com/gpu", true)]
    [InlineData("OutOfpods", true)]
    [InlineData("UnexpectedAdmissionError", true)]
    [InlineData("NodeAffinity", true)]
    [InlineData("TopologyAffinityError", true)]
    [InlineData("Evicted", false)]
    [InlineData("Preempting", false)]
    [InlineData("NodeLost", false)]
    [InlineData("NodeShutdown", false)]
    [InlineData("Terminated", false)]
    public void ReasonOfTheCluster_IsInfrastructure(string reason, bool isNodeAtFault)
    {
        var failure = PodFailure.Of(Pod(status => status.Reason = reason));

        Assert.Equal((true, isNodeAtFault), (failure.IsInfrastructure, failure.IsNodeAtFault));
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "Error", "exit code 1")]
    [InlineData(137, "Error", "exit code 137")]
    [InlineData(137, "OOMKilled", "OOMKilled")]
    [InlineData(128, "StartError", "StartError")]
    [InlineData(2, null, "exit code 2")]
    public void EndOfTheProgram_IsTheUsers(int code, string? reason, string words)
    {
        var failure = PodFailure.Of(Pod(status => status.ContainerStatuses = [Ended(code, reason)]));

        Assert.False(failure.IsInfrastructure);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        Assert.Contains("job-worker-0", failure.Message, StringComparison.Ordinal);
        Assert.Contains("node-7", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DisruptionCondition_IsInfrastructure_WhateverTheExitCode() =>
        Assert.True(PodFailure.Of(Pod(static status =>
        {
            status.ContainerStatuses = [Ended(143, "Error")];
            status.Conditions = [new V1PodCondition { Type = "DisruptionTarget", Status = "True", Reason = "DeletionByTaintManager" }];
        })).IsInfrastructure);

    [Fact]
    public void ContainerThatTheKubeletLost_IsInfrastructure() =>
        Assert.True(PodFailure.Of(Pod(static status => status.ContainerStatuses = [Ended(137, "ContainerStatusUnknown")])).IsInfrastructure);

    [Theory]
    [InlineData("epoch 1/1  step 7\ntaas: no data in /data\n", "exit code 4: taas: no data in /data")]
    [InlineData("epoch 1/1\nTraceback (most recent call last):\n  File \"train.py\", line 1\nValueError: no data\n", "exit code 4: ValueError: no data")]
    [InlineData("epoch 1/1\nUnhandled exception. System.IO.IOException: no data\n   at Program.Main()\n", "exit code 4: Unhandled exception. System.IO.IOException: no data")]
    [InlineData("\n  \n", "exit code 4")]
    public void LastWords_StandInTheMessage_InOneLine(string log, string words)
    {
        var failure = PodFailure.Of(Pod(status => status.ContainerStatuses = [Ended(4, "Error", log)]));

        Assert.EndsWith(words, failure.Message, StringComparison.Ordinal);
    }

    private static V1ContainerStatus Ended(int code, string? reason, string? message = null) =>
        new() { Name = "worker", State = new V1ContainerState { Terminated = new V1ContainerStateTerminated { ExitCode = code, Reason = reason, Message = message } } };

    private static V1Pod Pod(Action<V1PodStatus> set)
    {
        var pod = new V1Pod { Metadata = new V1ObjectMeta { Name = "job-worker-0" }, Spec = new V1PodSpec { NodeName = "node-7" }, Status = new V1PodStatus { Phase = "Failed" } };
        set(pod.Status);
        return pod;
    }
}
