using StbImageSharp;
using TaaS.Kernels;

namespace TaaS.Engine.Data;

/// <summary>A folder with a subfolder of PNG, JPEG, BMP or TGA images for each class, classes in name order; pixels scaled to [0, 1]. Images are decoded when read.</summary>
public sealed class ImageFolderDataset : IDataset
{
    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".bmp", ".tga"];

    private readonly List<(string Path, int Label)> _images;

    private ImageFolderDataset(List<(string Path, int Label)> images, IReadOnlyList<string> classNames, Shape sampleShape) =>
        (_images, ClassNames, SampleShape) = (images, classNames, sampleShape);

    /// <summary>Names of the classes: the subfolders.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <inheritdoc/>
    public int Count => _images.Count;

    /// <inheritdoc/>
    public Shape SampleShape { get; }

    /// <inheritdoc/>
    public int Classes => ClassNames.Count;

    /// <summary>Lists a folder; the first image sets the size that all must have.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="channels">1 (grey) or 3 (red, green, blue).</param>
    /// <exception cref="DataException">No such folder, no images, or a first image that cannot be decoded.</exception>
    public static ImageFolderDataset Open(string folder, int channels = 3)
    {
        if (!Directory.Exists(folder))
        {
            throw new DataException($"data folder {folder} does not exist; check the path");
        }

        var classes = Directory.GetDirectories(folder);
        Array.Sort(classes, StringComparer.Ordinal);
        var images = new List<(string Path, int Label)>();
        for (var label = 0; label < classes.Length; label++)
        {
            var files = Directory.GetFiles(classes[label]);
            Array.Sort(files, StringComparer.Ordinal);
            foreach (var file in files)
            {
                if (Array.Exists(Extensions, extension => file.EndsWith(extension, StringComparison.OrdinalIgnoreCase)))
                {
                    images.Add((file, label));
                }
            }
        }

        if (images.Count == 0)
        {
            throw new DataException($"data folder {folder} holds no images; expected a subfolder for each class with {string.Join(", ", Extensions)} files");
        }

        var first = Decode(images[0].Path, channels);
        return new ImageFolderDataset(images, [.. classes.Select(path => Path.GetFileName(path))], new Shape(channels, first.Height, first.Width));
    }

    /// <inheritdoc/>
    public void Read(int index, Span<float> sample, out int label)
    {
        (var path, label) = _images[index];
        int channels = SampleShape[0], height = SampleShape[1], width = SampleShape[2];
        var image = Decode(path, channels);
        if (image.Height != height || image.Width != width)
        {
            throw new DataException($"image {path} is {image.Width}x{image.Height}, the first of the folder is {width}x{height}; make all images one size");
        }

        var plane = height * width;
        for (var pixel = 0; pixel < plane; pixel++)
        {
            for (var channel = 0; channel < channels; channel++)
            {
                sample[channel * plane + pixel] = image.Data[pixel * channels + channel] / 255f;
            }
        }
    }

    private static ImageResult Decode(string path, int channels)
    {
        try
        {
            using var file = File.OpenRead(path);
            return ImageResult.FromStream(file, channels == 1 ? ColorComponents.Grey : ColorComponents.RedGreenBlue);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // The decoder has no exception type of its own.
            throw new DataException($"image {path} cannot be decoded: {error.Message}", error);
        }
    }
}
