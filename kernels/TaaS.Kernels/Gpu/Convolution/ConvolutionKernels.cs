using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>What convolutions need beside products.</summary>
internal static class ConvolutionKernels
{
    /// <summary>Brings the filters into the order in which the gradient of the input sums: a line of filters and taps for each channel. Every thread strides over the result.</summary>
    internal static void ArrangeFilters(ArrayView<float> weights, ArrayView<float> arranged, FilterLayout layout)
    {
        for (var i = Grid.GlobalIndex.X; i < layout.Length; i += Grid.DimX * Group.DimX)
        {
            int line = i / layout.Pitch, term = i % layout.Pitch, source = layout.Source(line, term);
            arranged[i] = source >= 0 ? weights[source] : 0f;
        }
    }

    /// <summary>Gradient of the bias: a group sums one filter's pixels over some images, each thread its share, and then the threads in pairs.</summary>
    /// <param name="gradient">[images, filters, area].</param>
    /// <param name="sums">[parts, pitch].</param>
    /// <param name="shape">Those lengths.</param>
    internal static void BiasGradient(ArrayView<float> gradient, ArrayView<float> sums, BiasShape shape)
    {
        var shared = SharedMemory.Allocate<float>(PartsShape.MostThreads);
        int thread = Group.IdxX, filter = Grid.IdxX % shape.Filters, part = Grid.IdxX / shape.Filters;
        var firstImage = part * shape.PartImages;
        var images = shape.Images - firstImage < shape.PartImages ? shape.Images - firstImage : shape.PartImages;
        var first = (firstImage * shape.Filters + filter) * shape.Area;
        var sum = 0f;
        if (shape.Aligned != 0)
        {
            var quads = gradient.Cast<Float4>();
            var area = shape.Area / Float4.Count;
            for (var i = thread; i < images * area; i += Group.DimX)
            {
                var values = quads[(first + i / area * shape.Filters * shape.Area) / Float4.Count + i % area];
                sum += values.X + values.Y + (values.Z + values.W);
            }
        }
        else
        {
            for (var i = thread; i < images * shape.Area; i += Group.DimX)
            {
                sum += gradient[first + i / shape.Area * shape.Filters * shape.Area + i % shape.Area];
            }
        }

        shared[thread] = sum;
        Group.Barrier();
        for (var apart = Group.DimX / 2; apart > 0; apart /= 2)
        {
            if (thread < apart)
            {
                shared[thread] += shared[thread + apart];
            }

            Group.Barrier();
        }

        if (thread == 0)
        {
            sums[part * shape.Pitch + filter] = shared[0];
        }
    }
}
