"""tf.data: files in parallel, fused decode and crop, one thread pool, no antialiasing (default)."""
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import tensorflow as tf  # noqa: E402

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def crop(path):
    data = tf.io.read_file(path)
    begin, size, _ = tf.image.sample_distorted_bounding_box(
        tf.image.extract_jpeg_shape(data), bounding_boxes=tf.zeros([1, 0, 4]),
        area_range=(0.08, 1.0), aspect_ratio_range=(3 / 4, 4 / 3), max_attempts=10,
        use_image_if_no_bounding_boxes=True)
    window = tf.concat([begin[:2], size[:2]], 0)
    image = tf.image.decode_and_crop_jpeg(data, window, channels=3)
    image = tf.image.random_flip_left_right(tf.image.resize(image, [224, 224]))
    image = (image - 255 * tf.constant(MEAN)) / (255 * tf.constant(DEVIATION))
    return tf.transpose(image, [2, 0, 1])


def batches(options):
    files = sorted(str(file) for file in options.data.glob("*/*"))
    dataset = (tf.data.Dataset.from_tensor_slices(files).shuffle(len(files)).repeat()
               .map(crop, num_parallel_calls=tf.data.AUTOTUNE, deterministic=False)
               .batch(options.batch, drop_remainder=True).prefetch(tf.data.AUTOTUNE))
    threads = tf.data.Options()
    threads.threading.private_threadpool_size = options.cores
    for images in dataset.with_options(threads):
        yield images.numpy()
