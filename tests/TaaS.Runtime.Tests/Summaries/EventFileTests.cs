using StbImageSharp;
using TaaS.Engine;
using TaaS.Engine.Data;
using TaaS.Engine.Nn;
using TaaS.Kernels;
using TaaS.Kernels.Reference;
using TaaS.Runtime.Summaries;

namespace TaaS.Runtime.Tests.Summaries;

/// <summary>Event files as another program reads them. Lost otherwise: an empty page in TensorBoard.</summary>
public sealed class EventFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("taas-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Open_NewFile_GoldenBytes()
    {
        string path;
        using (var file = new EventFile(_folder, new FixedTime()))
        {
            path = file.Path;
            file.Start(7);
            file.Write(7, EventFile.Scalar("loss", 0.5));
        }

        Assert.StartsWith("events.out.tfevents.1795586400.", Path.GetFileName(path), StringComparison.Ordinal);
        // Event{wall_time=1, file_version=3}; Event{wall_time, step=2, session_log=7{status=START}}; Event{…, summary=5{value{tag=1, simple_value=2}}}.
        Assert.Equal(
            [
                "09000000589EC1DA41" + "1A0D" + Convert.ToHexString("brain.Event:2"u8),
                "09000000589EC1DA41" + "1007" + "3A020801",
                "09000000589EC1DA41" + "1007" + "2A0D0A0B0A04" + Convert.ToHexString("loss"u8) + "150000003F",
            ],
            EventReader.Records(File.ReadAllBytes(path)).Select(Convert.ToHexString));
    }

    [Fact]
    public void Write_Scalars_AreReadByAnotherProgram()
    {
        var events = Written(file => file.Write(120, EventFile.Scalar("train/loss", 0.25), EventFile.Scalar("train/learning_rate", 0.1)));

        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.Equal(120, events[1].Step);
        Assert.Equal(["train/loss 0.25", "train/learning_rate 0.1"], events[1].Summary.Value.Select(value => FormattableString.Invariant($"{value.Tag} {value.SimpleValue}")));
    }

    [Fact]
    public void Write_Histogram_IsReadByAnotherProgram()
    {
        var histogram = Written(file => file.Write(1, EventFile.Histogram("parameters/0.weight", [-1, 0, 0, 2, float.NaN])))[1].Summary.Value[0].Histo;

        Assert.Equal((-1.0, 2.0, 4.0, 1.0, 5.0), (histogram.Min, histogram.Max, histogram.Num, histogram.Sum, histogram.SumSquares));
        Assert.Equal(4, histogram.Bucket.Sum());
        Assert.Equal(histogram.BucketLimit.Count, histogram.Bucket.Count);
        Assert.Equal(histogram.BucketLimit.Order(), histogram.BucketLimit);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Write_Image_IsDecodedByAnotherProgram(int channels)
    {
        var picture = new Bitmap(5, 3, channels);
        new Random(1).NextBytes(picture.Pixels);

        var image = Written(file => file.Write(1, EventFile.Image("samples", picture)))[1].Summary.Value[0].Image;

        Assert.Equal((5, 3, channels), (image.Width, image.Height, image.Colorspace));
        var decoded = ImageResult.FromMemory(image.EncodedImageString.ToByteArray());
        Assert.Equal((5, 3), (decoded.Width, decoded.Height));
        Assert.Equal(picture.Pixels, decoded.Data);
    }

    [Fact]
    public void Write_Graph_ChainsLayersAndTheirParameters()
    {
        var generator = new Generator(1);
        var model = new Sequential(new Linear(8, 16, generator, ReferenceDevice.Instance), new ReLU(), new Linear(16, 4, generator, ReferenceDevice.Instance, bias: false));

        var graph = Tensorboard.GraphDef.Parser.ParseFrom(Written(file => file.Write(ModelGraph.Of(model, new Shape(8))))[1].GraphDef);

        Assert.Equal(
            ["samples", "0/weight", "0/bias", "0/Linear < samples, 0/weight, 0/bias", "1/ReLU < 0/Linear", "2/weight", "2/Linear < 1/ReLU, 2/weight", "labels", "loss < 2/Linear, labels"],
            graph.Node.Select(node => node.Input.Count == 0 ? node.Name : $"{node.Name} < {string.Join(", ", node.Input)}"));
        Assert.Equal([16, 8], graph.Node[1].Attr["shape"].Shape.Dim.Select(dim => dim.Size));
        Assert.Equal([-1, 8], graph.Node[0].Attr["shape"].Shape.Dim.Select(dim => dim.Size));
    }

    [Fact]
    public void Draw_Samples_StretchesEachOverTheGreys()
    {
        var picture = SampleGrid.Draw(new Ramps(10))!;

        Assert.Equal((8 * 3 - 1, 2 * 3 - 1, 1), (picture.Width, picture.Height, picture.Channels));
        Assert.Equal([0, 85, 170, 255], new[] { picture[0, 0][0], picture[1, 0][0], picture[0, 1][0], picture[1, 1][0] });
        Assert.Equal(170, picture[3, 4][0]);
        Assert.Equal(0, picture[2, 0][0]);
    }

    [Fact]
    public void Draw_Confusion_DarkensByTheShareOfARow()
    {
        var confusion = new ConfusionMatrix(2);
        confusion.Add(0, 0);
        confusion.Add(1, 0);
        confusion.Add(1, 0);
        confusion.Add(1, 0);
        confusion.Add(1, 1);

        var picture = confusion.Draw();

        Assert.Equal(3, confusion[1, 0]);
        Assert.Equal([8, 48, 107], picture[8, 8].ToArray());
        Assert.Equal([255, 255, 255], picture[24, 8].ToArray());
        Assert.True(picture[8, 24][0] < picture[24, 24][0], "three of four are no darker than one of four");
    }

    private IReadOnlyList<Tensorboard.Event> Written(Action<EventFile> write)
    {
        using (var file = new EventFile(_folder, new FixedTime()))
        {
            write(file);
        }

        return EventReader.Read(Directory.GetFiles(_folder).Single());
    }

    private sealed class Ramps(int count) : IDataset
    {
        public int Count => count;

        public Shape SampleShape => new(1, 2, 2);

        public int Classes => 2;

        public void Read(int index, Span<float> sample, out int label)
        {
            label = index % 2;
            for (var i = 0; i < sample.Length; i++)
            {
                sample[i] = index + i * 0.01f;
            }
        }
    }
}
