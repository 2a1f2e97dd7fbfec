using k8s.Models;
using TaaS.Kubernetes;

namespace TaaS.Operator.Tests;

/// <summary>News comes late, twice and out of order; decisions on what was true before our own writes would bind nodes twice.</summary>
public sealed class ObjectStoreTests
{
    private readonly ObjectStore<V1Pod> _store = new();

    [Fact]
    public void OlderNews_DoesNotUndoOurOwnWrite()
    {
        _store.Apply(Pod("a", version: 7));
        _store.Apply(Pod("a", version: 5));

        Assert.Equal("7", _store.Find("a")!.Metadata.ResourceVersion);
    }

    [Fact]
    public void AnswerThatComesAfterTheNewsOfTheEnd_BringsNothingBack()
    {
        _store.Apply(Pod("a", version: 5));
        _store.Remove("a");
        _store.Apply(Pod("a", version: 6));

        Assert.Equal(0, _store.Count);
    }

    [Fact]
    public void NameThatIsUsedAgain_IsAnotherObject()
    {
        _store.Apply(Pod("a", version: 5, name: "pod"));
        _store.Apply(Pod("b", version: 6, name: "pod"));
        _store.Remove("a");

        Assert.Equal("b", _store.Find("default", "pod")!.Metadata.Uid);
    }

    [Fact]
    public void List_TakesOutWhatIsGone_ButNotWhatWeMadeSince()
    {
        _store.Apply(Pod("gone", version: 5));
        _store.Apply(Pod("kept", version: 6));
        _store.Apply(Pod("made", version: 12));
        _store.Replace([Pod("kept", version: 6), Pod("new", version: 9)], "10");

        Assert.Equal(["kept", "made", "new"], _store.All.Select(static pod => pod.Metadata.Uid).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void EachChange_IsToldWithWhatWasBefore()
    {
        var told = new List<string>();
        _store.Changed += (before, after) => told.Add($"{before?.Metadata.ResourceVersion ?? "-"} {after?.Metadata.ResourceVersion ?? "-"}");
        _store.Apply(Pod("a", version: 1));
        _store.Apply(Pod("a", version: 2));
        _store.Apply(Pod("a", version: 1));
        _store.Remove("a");
        _store.Remove("a");

        Assert.Equal(["- 1", "1 2", "2 -"], told);
    }

    [Fact]
    public void WhatAWriteChanged_StandsUntilNewerNews_EvenIfTheStateBeforeItIsToldAgain()
    {
        _store.Apply(Pod("a", version: 5));
        _store.Amend(Pod("a", version: 5) with { Spec = new V1PodSpec { NodeName = "node" } });
        _store.Apply(Pod("a", version: 5));
        Assert.Equal("node", _store.Find("a")!.Spec.NodeName);

        _store.Apply(Pod("a", version: 6));
        Assert.Null(_store.Find("a")!.Spec);
    }

    [Fact]
    public void WhatAWriteChanged_DoesNotUndoNewerNews_NorBringBackWhatIsGone()
    {
        _store.Apply(Pod("a", version: 6));
        _store.Amend(Pod("a", version: 5) with { Spec = new V1PodSpec { NodeName = "node" } });
        _store.Amend(Pod("gone", version: 5));

        Assert.Equal("6", Assert.Single(_store.All).Metadata.ResourceVersion);
    }

    private static V1Pod Pod(string uid, int version, string? name = null) =>
        new() { Metadata = new V1ObjectMeta { Uid = uid, Name = name ?? uid, NamespaceProperty = "default", ResourceVersion = version.ToString(System.Globalization.CultureInfo.InvariantCulture) } };
}
